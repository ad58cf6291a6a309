# One program on an image without a shell: it needs the C library that it was built with, and the CA certificates.
FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY .cargo .cargo
COPY src src
COPY migrations migrations
# Cargo looks for every target that the manifest names; neither of these goes into the image.
COPY benches benches
COPY tests tests
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    cargo build --profile dist --locked --bin iam-gateway && cp target/dist/iam-gateway /iam-gateway

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /iam-gateway /usr/local/bin/iam-gateway
# Nothing is written to the file system. What is kept is in the database of DATABASE_URL.
ENV IAM_GATEWAY_LISTEN=0.0.0.0:8080 IAM_GATEWAY_DRAIN_SECONDS=5
USER nonroot
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=6s --start-period=30s --retries=3 CMD ["/usr/local/bin/iam-gateway", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/iam-gateway"]
CMD ["serve"]
