"""What members and parameters of lists are called in the APIs of this world, all names in one spelling."""

from __future__ import annotations

import enum
from typing import TypeVar

from tallystick.resources.names import spelled

__all__ = ["ENVELOPES", "IDENTITIES", "MEMBERS", "PARAMETERS", "SEARCHES", "WRAPPERS", "Member", "Wanted", "spelled"]


class Wanted(enum.Enum):
    """What a query parameter says of the rows that are wanted."""

    SIZE = enum.auto()
    PAGE = enum.auto()
    OFFSET = enum.auto()
    AFTER = enum.auto()
    """The row, or the place between rows, behind which the wanted ones stand."""
    BEFORE = enum.auto()
    SORT = enum.auto()
    """The members to sort by."""
    ORDER = enum.auto()
    """Upwards or downwards."""
    DOWNWARDS = enum.auto()
    """A flag: downwards."""


class Member(enum.Enum):
    """What a member beside a list, or a header field, says of it."""

    TOTAL = enum.auto()
    PAGES = enum.auto()
    COUNT = enum.auto()
    """How many rows are shown; where nothing else is the total, that."""
    SIZE = enum.auto()
    PAGE = enum.auto()
    OFFSET = enum.auto()
    FIRST_INDEX = enum.auto()
    LAST_INDEX = enum.auto()
    REMAINING = enum.auto()
    HAS_NEXT = enum.auto()
    HAS_PREVIOUS = enum.auto()
    IS_FIRST = enum.auto()
    IS_LAST = enum.auto()
    IS_EMPTY = enum.auto()
    NEXT = enum.auto()
    PREVIOUS = enum.auto()
    FIRST = enum.auto()
    LAST = enum.auto()
    SELF = enum.auto()
    FIRST_ID = enum.auto()
    LAST_ID = enum.auto()
    LINKS = enum.auto()
    """A `Link` header."""


Role = TypeVar("Role", Wanted, Member)


def _table(rows: dict[Role, str]) -> dict[str, Role]:
    """The role of each name."""
    return {name: role for role, names in rows.items() for name in names.split()}


PARAMETERS = _table(
    {
        Wanted.SIZE: (
            "limit perpage pagesize size count take top first maxresults maxitems maxrecords maxkeys max "
            "rows results pagelimit pagelen itemsperpage resultsperpage rowsperpage batchsize num "
            "numresults n amount"
        ),
        Wanted.PAGE: "page pagenumber pagenum pageno pagenr pageindex currentpage p",
        Wanted.OFFSET: "offset skip start startat startindex from firstresult pageoffset recordoffset",
        Wanted.AFTER: (
            "cursor after startingafter pagetoken nexttoken nextpagetoken continuationtoken continue "
            "marker pageafter pagecursor nextcursor startcursor endcursor afterid sinceid since lastid "
            "lastkey startkey skiptoken exclusivestartkey scrollid nextpage offsetid startafter "
            "paginationtoken"
        ),
        Wanted.BEFORE: "before endingbefore beforeid untilid pagebefore prevcursor previouscursor",
        Wanted.SORT: "sort sortby sortfield sortkey sortcolumn sorting orderby ordering orderfield",
        Wanted.ORDER: (
            "order direction sortorder sortdirection sortdir orderdirection orderdir dir sortbydirection sorttype"
        ),
        Wanted.DOWNWARDS: "descending desc reverse",
    }
)
"""The role of a query parameter by its name; of `sort` and `order` the values say which is meant."""

MEMBERS = _table(
    {
        Member.TOTAL: (
            "total totalcount totalitems totalresults totalelements totalrows totalhits totalsize "
            "totalrecords totalnumber totalentries totalobjects itemcount itemstotal odatacount "
            "estimatedtotalhits totalmatches xtotalcount xtotal xpaginationtotalcount resultcount "
            "numfound nbhits recordstotal recordcount"
        ),
        Member.PAGES: (
            "totalpages pagecount pages numpages numberofpages lastpage pagestotal xtotalpages "
            "xpaginationpagecount nbpages maxpage"
        ),
        Member.COUNT: (
            "count numberofelements numitems returned returnedcount resultscount currentcount pagetotal numresults"
        ),
        Member.SIZE: (
            "limit perpage pagesize size itemsperpage resultsperpage pagelimit pagelen xperpage "
            "maxresults xpaginationlimit hitsperpage"
        ),
        Member.PAGE: "page currentpage pagenumber number pageindex pageno pagenum xpage xpaginationcurrentpage",
        Member.OFFSET: "offset skip startat startindex skipped",
        Member.FIRST_INDEX: "start from",
        Member.LAST_INDEX: "end to",
        Member.REMAINING: "remaining remainingitemcount remainingcount",
        Member.HAS_NEXT: (
            "hasmore hasnext hasnextpage more hasmorepages istruncated truncated moreavailable hasmoreitems"
        ),
        Member.HAS_PREVIOUS: "hasprevious hasprev haspreviouspage hasprevpage",
        Member.IS_FIRST: "isfirst isfirstpage",
        Member.IS_LAST: "islast islastpage",
        Member.IS_EMPTY: "empty isempty",
        Member.NEXT: (
            "next nextpage nexturl nextlink nexthref nextpageurl nextpageuri nextcursor nextpagetoken "
            "nexttoken nextmarker continuationtoken after endcursor continue cursor nextoffset "
            "nextpageoffset odatanextlink xnext xnextpage xnextcursor nextpagelink nextbatch"
        ),
        Member.PREVIOUS: (
            "previous prev previouspage prevpage prevurl previousurl prevlink previouslink prevhref "
            "previouspageurl prevpageurl previouspageuri prevpageuri prevcursor previouscursor "
            "prevpagetoken previouspagetoken before startcursor xprev xprevious xprevpage prevbatch"
        ),
        Member.FIRST: "first firstpage firstpageurl firstpageuri firsturl firstlink",
        Member.LAST: "last lastpageurl lastpageuri lasturl lastlink",
        Member.SELF: "self href current selflink selfurl",
        Member.FIRST_ID: "firstid",
        Member.LAST_ID: "lastid",
        Member.LINKS: "link",
    }
)
"""What a member or header says of a list, by its name."""

ENVELOPES = frozenset(
    "data items results result records rows entries list values value elements nodes edges content contents docs "
    "documents objects hits members resources collection chunk response payload embedded".split()
)
"""The names of members that hold a list, or what holds one, whatever is in it."""

WRAPPERS = ENVELOPES | frozenset(
    "meta metadata pagination paging page pageinfo pager pages link links info cursors cursor responsemetadata next "
    "previous prev first last self searchmetadata pagingmetadata listmeta".split()
)
"""The names of objects around or beside a list in which something is said of it."""

IDENTITIES = ("id", "uuid", "guid", "uid", "sid", "pk", "key", "slug", "name", "code", "number", "url", "href")
"""The names of members by which a row is told from others, the surest first."""

SEARCHES = frozenset("search query list scroll find filter lookup recommend discover".split())
"""What the last segment of a path is called where a POST asks for a list."""
