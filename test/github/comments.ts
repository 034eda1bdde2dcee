// Comments on issues and pull requests. Any number is an issue: the double does not keep a list of them.
import { type Answer, addressIn, type Call, listAnswer, type Model, notFound } from "./call.ts";
import { actionsApp, actionsBot, type Json, sampleOf } from "./sample.ts";
import type { Comment } from "./state.ts";

/** The comment operations, by operation id. */
export const comments: Record<string, Model> = {
  "issues/create-comment": (call) => {
    const { body } = call.body as { body: string };
    const issue_number = Number(call.path.issue_number);
    const comment: Comment = {
      id: call.nextId(),
      issue_number,
      body,
      user: "github-actions[bot]",
      created_at: call.now,
      updated_at: call.now,
    };
    call.repository.comments.push(comment);
    return { status: 201, body: shown(call, comment) };
  },
  "issues/update-comment": (call) =>
    withComment(call, (comment) => {
      comment.body = (call.body as { body: string }).body;
      comment.updated_at = call.now;
      return { status: 200, body: shown(call, comment) };
    }),
  "issues/get-comment": (call) => withComment(call, (comment) => ({ status: 200, body: shown(call, comment) })),
  "issues/delete-comment": (call) =>
    withComment(call, (comment) => {
      call.repository.comments.splice(call.repository.comments.indexOf(comment), 1);
      return { status: 204 };
    }),
  "issues/list-comments": (call) => {
    const issue = Number(call.path.issue_number);
    const since = call.query.since ?? "";
    const found = call.repository.comments.filter((one) => one.issue_number === issue && one.updated_at >= since);
    return listAnswer(
      call,
      addressIn(call, `/issues/${issue}/comments`),
      found.map((one) => shown(call, one)),
    );
  },
};

function withComment(call: Call, then: (comment: Comment) => Answer): Answer {
  const comment = call.repository.comments.find((one) => one.id === Number(call.path.comment_id));
  return comment === undefined ? notFound() : then(comment);
}

function shown(call: Call, { issue_number, user, ...comment }: Comment): Json {
  const { owner, name } = call.repository;
  const isBot = user === actionsBot.login;
  return sampleOf("issue-comment", {
    ...comment,
    node_id: `IC_${comment.id}`,
    url: addressIn(call, `/issues/comments/${comment.id}`),
    html_url: `https://github.com/${owner}/${name}/issues/${issue_number}#issuecomment-${comment.id}`,
    issue_url: addressIn(call, `/issues/${issue_number}`),
    user: isBot ? actionsBot : sampleOf("simple-user", { login: user, id: 1, type: "User" }),
    author_association: isBot ? "NONE" : "MEMBER",
    ...(isBot ? { performed_via_github_app: actionsApp } : {}),
  });
}
