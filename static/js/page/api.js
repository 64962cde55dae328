// The few requests a judge's page makes. Answers come back as {status, body}; only a broken network rejects.

const PATIENCE = 20_000; // ms
const KEPT_ALIVE = 12_000; // characters: browsers let 64 kB in all outlive their page, and refuse what is beyond

export async function getJson(url) {
  const answer = await fetch(url, {
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    signal: AbortSignal.timeout(PATIENCE),
  });
  return { status: answer.status, body: await parsed(answer) };
}

/**
 * A sender of JSON, by POST because some proxies let nothing else through. `token()` gives the CSRF token of the
 * moment; `renew()` fetches a fresh one and gives the answer to that, which tells a judge who is logged out from one
 * whose token is old. `outlive` says whether the request is to outlive the page; otherwise small ones do.
 */
export function makeSender(token, renew) {
  const send = async ({ url, body, outlive }) => {
    const text = JSON.stringify(body);
    const answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      keepalive: outlive ?? text.length < KEPT_ALIVE,
      signal: AbortSignal.timeout(PATIENCE),
      headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
      body: text,
    });
    const retryAfter = Number(answer.headers.get("Retry-After")) || 0; // seconds
    return { status: answer.status, body: await parsed(answer), retryAfter };
  };
  return async (request) => {
    const answer = await send(request);
    if (answer.status !== 400) return answer;
    const fresh = await renew(); // the token has expired: once more with a fresh one
    return fresh && fresh.status !== 200 ? fresh : send(request);
  };
}

async function parsed(answer) {
  try {
    return await answer.json();
  } catch {
    return null;
  }
}
