// The VM of an app on a host, found as anybody would: by its executable and its environment.
import type { Host } from "../lab/lab.ts";

/** An app's VM: its pid and when it started. */
export async function vmOf(host: Host, app: "counter" | "greeter"): Promise<string> {
  const look = `for pid in $(pgrep -x beam.smp); do
  if tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | grep -qx BEAMLINE_APP=${app}; then echo "$pid $(cut -d ' ' -f 22 "/proc/$pid/stat")"; fi
done`;
  return (await host.exec(["sh", "-c", look])).stdout.trim();
}
