# First Mate in one static file: no shell, no libraries, not root.
#
#   docker build -t firstmate .
#   docker build -t firstmate:sandbox --build-arg FEATURES=sandbox .

FROM rust:1.95-bookworm AS build
ARG FEATURES=""
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY kb kb
COPY bot bot
# The bundled documents are compiled in; the manifest of the bot names its tests, so cargo looks for them.
COPY docs/qa docs/qa
COPY tests tests
# Linked statically against glibc, whose resolver is inside since 2.34. The target is named so that the
# flag reaches only the program: a procedural macro cannot be linked statically.
RUN set -eu; \
    target="$(rustc -vV | sed -n 's/^host: //p')"; \
    RUSTFLAGS="-C target-feature=+crt-static" cargo build --release --locked \
        --package firstmate --no-default-features --features "$FEATURES" --target "$target"; \
    cp "target/$target/release/firstmate" /firstmate

FROM scratch
ARG VERSION="0.1.0"
ARG REVISION=""
LABEL org.opencontainers.image.title="First Mate" \
      org.opencontainers.image.description="A Discord bot for the people who run Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY LICENSE /LICENSE
COPY --from=build /firstmate /firstmate
# For API servers whose kubeconfig names no certificate authority of its own.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# Memory of large answers goes back to the system when they are done, and few threads keep their own.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
USER 65532:65532
EXPOSE 9187
ENTRYPOINT ["/firstmate"]
CMD ["run", "--config", "/etc/firstmate/firstmate.toml"]
