// The VM of an app on a host, found as anybody would: by its executable and its environment.
import { answerOf } from "../e2e/shop.ts";
import { until } from "../lab/command.ts";
import type { Host } from "../lab/lab.ts";

/** An app's VM: its pid and when it started. */
export async function vmOf(host: Host, app: "counter" | "greeter"): Promise<string> {
  const look = `for pid in $(pgrep -x beam.smp); do
  if tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx BEAMLINE_APP=${app}; then echo "$pid $(cut -d ' ' -f 22 "/proc/$pid/stat")"; fi
done`;
  return (await host.exec(["sh", "-c", look])).stdout.trim();
}

export async function killVm(host: Host, app: "counter" | "greeter"): Promise<void> {
  const [pid = ""] = (await vmOf(host, app)).split(" ");
  if (pid !== "") await host.exec(["kill", "-9", pid]);
}

/** Until what answers at each of these ports is healthy. */
export async function awaitHealthy(host: Host, ports: readonly number[]): Promise<void> {
  await until(`${host.name} is back`, async () =>
    (await Promise.all(ports.map((port) => answerOf(host, "/health", port)))).every((answer) => answer === "ok"),
  );
}
