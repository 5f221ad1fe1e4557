# The image of tallystick: the wheel, built from this folder, with the versions of constraints.txt, and no root.
#   docker build --tag tallystick .
#   docker run --rm --publish 4010:4010 --volume "$PWD:/work:ro" tallystick mock api.yaml --host 0.0.0.0
FROM python:3.13-slim AS build
WORKDIR /source
COPY constraints.txt ./
RUN pip install --no-cache-dir --constraint constraints.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY tallystick ./tallystick
RUN hatchling build -t wheel -d /wheel

FROM python:3.13-slim
# What the commands can do: mock, check and diff need no extra; "all" brings fuzz runs and models too.
ARG EXTRAS=all
COPY constraints.txt /tmp/constraints.txt
COPY --from=build /wheel /tmp/wheel
RUN pip install --no-cache-dir --constraint /tmp/constraints.txt "$(echo /tmp/wheel/*.whl)[$EXTRAS]" \
  && rm -r /tmp/wheel /tmp/constraints.txt \
  && useradd --uid 10001 --create-home tallystick
USER 10001
WORKDIR /work
EXPOSE 4010
ENTRYPOINT ["tallystick"]
CMD ["--help"]
