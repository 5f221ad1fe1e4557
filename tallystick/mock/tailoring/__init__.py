"""Replies tailored to their requests: a documented reply is made once, and edited by what a request says."""
