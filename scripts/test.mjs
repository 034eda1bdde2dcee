/**
 * `npm test`: from a fresh clone with nothing installed, sets itself up and runs all there is. Ends with `N passed, N failed`. Without
 * root, or sudo, the tests on lab hosts are counted as skipped.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "./check.mjs";
import { bin, root, setUp } from "./setup.mjs";

/** Runs vitest, in the lab where there can be one; answers its counts. */
function vitest(canLab) {
  const directory = mkdtempSync(join(tmpdir(), "tests-"));
  const report = join(directory, "report.json");
  const argv = [join(bin, "vitest"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = spawnSync(join(bin, "node"), canLab ? ["test/lab/enter.ts", ...argv] : argv, {
    cwd: root,
    stdio: "inherit",
  });
  try {
    const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    // A file that does not even load has no test that could fail.
    const broken = testResults.filter(
      (it) => it.status === "failed" && it.assertionResults.every((each) => each.status !== "failed"),
    );
    const failed = numFailedTests + broken.length;
    return { passed: numPassedTests, failed: status === 0 ? failed : Math.max(failed, 1), skipped: numPendingTests };
  } catch (error) {
    console.log(`vitest ended without a report: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const missing = setUp();
const canLab = process.getuid?.() === 0 && missing.length === 0;
const checks = check();
const tests = vitest(canLab);
if (!canLab)
  console.log(`SKIPPED: the tests on lab hosts need root${missing.length > 0 ? ` and ${missing.join(", ")}` : ""}`);
const failed = checks.failed + tests.failed;
console.log(
  `${checks.passed + tests.passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ""}`,
);
process.exitCode = failed === 0 ? 0 : 1;
