import { expect, test } from "vitest";
import { stoppedApplications } from "../../../src/otp/stopped-applications.ts";
import { termIn } from "./inventories.ts";

test("the applications that a script stops are those that it applies application:stop/1 to", () => {
  const script = [
    "point_of_no_return",
    "{suspend,[stop]}",
    "{apply,{application,stop,[shop]}}",
    "{apply,{application,start,[shop,permanent]}}",
    "{apply,{shop,stop,[cart]}}",
    "{apply,{application,stop,['Elixir.old']}}",
  ].map(termIn);
  expect(stoppedApplications(script)).toEqual(["shop", "Elixir.old"]);
});
