// Resources as MonoCloud knows them: a token is for all that one request names, unless one of them is
// exclusive, which has tokens for itself alone. The provider leaves that to its configuration, and a
// token request that names several is refused where nothing says otherwise.

const asked = (ctx) => [ctx.oidc.params.resource ?? []].flat();

export function resourceIndicators(resources, { InvalidTarget }) {
  const isExclusive = (resource) => resources[resource]?.exclusive;
  return {
    enabled: true,
    // Of several that may share a token, the first stands for all; else there is still more than one.
    defaultResource: (_ctx, _client, several) => (several?.some(isExclusive) ? several : several?.[0]),
    getResourceServerInfo(ctx, resource) {
      if (!resources[resource]) throw new InvalidTarget();
      const { exclusive, ...server } = resources[resource];
      const shared = asked(ctx).filter((other) => !isExclusive(other));
      const scopes = exclusive ? [server.scope] : shared.map((other) => resources[other]?.scope);
      return { ...server, scope: scopes.join(" ") };
    },
  };
}

// The provider knows one audience for a token.
export function withAudiences(ctx, _token, { payload }) {
  const resources = asked(ctx);
  if (resources.length > 1) payload.aud = resources;
}
