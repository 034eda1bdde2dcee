type Wish = {
  size: number;
  /** As many, the first ones, are of the next version. */
  upgraded: number;
  /** On every host, or each on ten. */
  isEverywhere: boolean;
  /** {host}: each host has a spec of its own. */
  site: "shop" | "{host}";
};

/** Spec files of a usual size, one an app. */
export function specFiles({ size, upgraded, isEverywhere, site }: Wish): Record<string, string> {
  const groups = Math.max(1, size / 10);
  return Object.fromEntries(
    Array.from({ length: size }, (_, index) => {
      const hosts = isEverywhere ? "{fleet: shop}" : `{group: g${index % groups}}`;
      const text = specText(index, index < upgraded ? "1.1.0" : "1.0.0", { hosts, site });
      return [`apps/app${index}/app.yaml`, text];
    }),
  );
}

/** Every tenth app depends on nothing, each other one on the app before it: ten waves. */
const specText = (
  index: number,
  version: string,
  { hosts, site }: { hosts: string; site: string },
): string => `name: app${index}
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
os_env: {PHX_HOST: "${site}.example.org", SECRET_KEY_BASE: {secret: TOKEN}}
vm_config: {memory_limit: 512}
health: {type: http, port: ${10_000 + index}, path: /health}
depends_on: [${index % 10 === 0 ? "" : `app${index - 1}`}]
hosts: ${hosts}
`;
