// What hosts say they have on record is asked of git, which is given nothing but ids of commits.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ancestryOf } from "../../../src/action/wanted.ts";
import { Repository } from "../../../src/git/repository.ts";
import { makePrivateDirectory, type PrivateDirectory } from "../../../src/process/private-directory.ts";
import { SpecRepository } from "../../e2e/spec-repository.ts";

let directory: PrivateDirectory;
let origin: SpecRepository;
beforeAll(async () => {
  directory = await makePrivateDirectory();
  origin = new SpecRepository();
});
afterAll(async () => {
  origin.remove();
  await directory.remove();
});

test("commits are older, the same or newer, and all else is unknown without git being asked for it", async () => {
  const [old, head, late] = ["1", "2", "3"].map((text) => origin.push({ "notes.md": text }).sha) as [
    string,
    string,
    string,
  ];
  const repository = new Repository(origin.checkout(late), directory);
  const asked: string[] = [];
  const watched = Object.assign(Object.create(repository) as Repository, {
    mergeBase: (one: string, other: string) => {
      asked.push(one);
      return repository.mergeBase(one, other);
    },
  });
  const forged = ["--all", "HEAD", "main", "", "--output=/tmp/x", `${old}\n${late}`, `${old}^0`, old.slice(0, 12)];
  const strangers = Array.from({ length: 2000 }, (_, index) => index.toString(16).padStart(40, "a"));
  const ancestry = await ancestryOf({ repository: watched, commit: head }, [old, head, late, ...forged, ...strangers]);
  expect([old, head, late].map((it) => ancestry.get(it))).toEqual(["older", "same", "newer"]);
  expect(new Set([...forged, ...strangers].map((it) => ancestry.get(it)))).toEqual(new Set(["unknown"]));
  expect(new Set(asked)).toEqual(new Set([old, late]));
});
