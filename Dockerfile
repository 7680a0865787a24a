# The program for compose.yaml: review site, workers, one-off commands. Dependencies come from the lock, hashes checked.
FROM python:3.11-slim

RUN useradd --uid 1000 --create-home rasoat && install -d -o rasoat -g rasoat /home/rasoat/var
WORKDIR /opt/rasoat
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY rasoat rasoat
COPY crawlers crawlers
COPY classifiers classifiers
COPY review_ui review_ui
COPY flows flows
COPY bench bench
COPY data data
COPY models models
# in place: `data/` and `models/` are looked for beside the program
RUN pip install --no-cache-dir --no-build-isolation --no-deps -e .
USER rasoat
ENV RASOAT_HOME=/home/rasoat/var PYTHONUNBUFFERED=1
VOLUME /home/rasoat/var
CMD ["rasoat", "--help"]
