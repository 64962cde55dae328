// What the server's answer to a ballot means: whether it is saved, may be sent again, or stops there, and why.
// tests/web/test_answers_to_ballots.py holds it, and the words of save-state.js, against the real server's answers.

const AGAIN = { paused: "paused", unavailable: "unavailable", too_fast: "too-fast", csrf: "token" };

/**
 * {state, why} of an answer {status, body}; status 0 is a network that failed.
 * state: saved, stale, closed, logged-out, refused (only with another answer or judge) or failed (sent again by itself).
 */
export function meaning({ status, body }) {
  const code = body?.error?.code;
  if (status === 200 && Number.isInteger(body?.revision)) return { state: "saved", why: null };
  if (status === 0) return { state: "failed", why: "network" };
  if (status === 409 && body?.current) return { state: "stale", why: null };
  if (code && AGAIN[code]) return { state: "failed", why: AGAIN[code] };
  if (status === 401 && code) return { state: "logged-out", why: code };
  if (code === "closed" || code === "not_begun") return { state: "closed", why: code };
  if (code === "not_found") return { state: "refused", why: "not-yours" };
  if (code === "limit") return { state: "refused", why: "limit" };
  if (code && [413, 422].includes(status)) return { state: "refused", why: "invalid" };
  if (code) return { state: "failed", why: "fault" };
  return { state: "failed", why: status >= 500 ? "restarting" : "between" };
}
