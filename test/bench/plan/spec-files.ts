/** Spec files of a usual size: as many apps, of which the first few are upgraded; on every host, or each on ten. */
export function specFiles(wish: { size: number; upgraded: number; isEverywhere: boolean }): Record<string, string> {
  const { size, upgraded, isEverywhere } = wish;
  const groups = Math.max(1, size / 10);
  return Object.fromEntries(
    Array.from({ length: size }, (_, index) => {
      const hosts = isEverywhere ? "{fleet: shop}" : `{group: g${index % groups}}`;
      const text = specText(index, index < upgraded ? "1.1.0" : "1.0.0", hosts);
      return [`apps/app${index}/app.yaml`, text];
    }),
  );
}

/** Every tenth app depends on nothing, each other one on the app before it: ten waves. */
const specText = (index: number, version: string, hosts: string): string => `name: app${index}
version: ${version}
description: One of many
source:
  type: release
  url: https://releases.example.org/{name}-{version}.tar.gz
  sha256: "${String(index % 10).repeat(64)}"
env:
  port: ${10_000 + index}
  pool: {size: 10, overflow: 5}
  name: service ${index}
os_env: {PHX_HOST: shop.example.org, SECRET_KEY_BASE: {secret: TOKEN}}
vm_config: {memory_limit: 512}
health: {type: http, port: ${10_000 + index}, path: /health}
depends_on: [${index % 10 === 0 ? "" : `app${index - 1}`}]
hosts: ${hosts}
`;
