# The demo's identity provider. Its users are made up: never put it where others can reach it.
FROM node:22-slim
WORKDIR /opt/identity-provider
COPY examples/demo/identity-provider/package.json examples/demo/identity-provider/package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY examples/demo/identity-provider ./
USER node
ENTRYPOINT ["node", "server.mjs"]
CMD ["settings.json"]
