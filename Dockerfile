# One image for both tiers: the front (the default command), the application server and the manage commands.
#   docker build -t portico .

FROM node:24-bookworm-slim AS build
WORKDIR /srv/portico
# Packages first: they stay in the build cache as long as the lock file is the same.
COPY package.json package-lock.json ./
COPY src/cli/bootstrap.mjs src/cli/
RUN node src/cli/bootstrap.mjs install
COPY . .
RUN node src/cli/bootstrap.mjs build && npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
# Node as process 1 never waits for orphans, which then stay as zombies: whatever an application starts and leaves
# behind. tini does, and passes every signal on to the master.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv/portico
COPY --from=build /srv/portico/package.json /srv/portico/LICENSE ./
COPY --from=build /srv/portico/node_modules node_modules
COPY --from=build /srv/portico/dist dist
COPY --from=build /srv/portico/conf conf
COPY --from=build /srv/portico/public public
COPY --from=build /srv/portico/src/demo src/demo
# As a command, for probes and for `exec`.
RUN chmod +x dist/cli.js && ln -s /srv/portico/dist/cli.js /usr/local/bin/portico
# All that is written lies in run/ and /tmp; with a read-only root file system both are to be tmpfs.
RUN mkdir -m 0700 run && chown 1000:1000 run
ENV NODE_ENV=production
# By number, so that Kubernetes' runAsNonRoot can see it: `node` of the base image.
USER 1000:1000
EXPOSE 8080
# TERM would cut what is being answered, as nginx's does; QUIT drains.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["tini", "--", "node", "/srv/portico/dist/cli.js"]
CMD ["-c", "conf/compose.conf"]
