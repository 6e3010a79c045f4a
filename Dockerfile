# One file, two images: `docker build --target api .` and `docker build --target worker .`
# Both run compiled JavaScript as the user `node`; the compiler and the tests stay behind in the build stage.
ARG NODE_IMAGE=node:22-bookworm-slim

# What the processes need at run time. Debian, not Alpine: Temporal's native core is built for glibc.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm install --no-save --omit=dev

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm install --no-save
COPY . .
# Writes dist/ with the workflows bundled ahead as dist/workflow-bundle.js.
RUN npm run build

FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
# The one folder that a process may write to: a new named volume takes over its owner.
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/bursar
USER node

FROM runtime AS api
# Inside a container the port is reached from other containers; who may reach it from outside is for
# docker-compose.yml to say.
ENV BURSAR_HOST=0.0.0.0 BURSAR_PORT=3000
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=2s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BURSAR_PORT}/healthz`, \
    { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1))"]
CMD ["node", "dist/api/main.js"]

FROM runtime AS worker
# The health endpoint is for the check below only: it is never published, so workers can be scaled.
ENV BURSAR_WORKER_HEALTH_PORT=3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --start-interval=2s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BURSAR_WORKER_HEALTH_PORT}/healthz`, \
    { signal: AbortSignal.timeout(4000) }).then((answer) => process.exit(answer.ok ? 0 : 1))"]
CMD ["node", "dist/worker/main.js"]
