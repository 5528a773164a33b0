// Sending by script, and what is said when it did not get through: one place for every page. Who is signed out gets a link that
// opens in a new tab, signs in there and goes on here. What was typed is the caller's to keep.
const words = (document.getElementById("sending-words") || { dataset: {} }).dataset;
const frame = document.getElementById("kept-elsewhere");
let token = (document.querySelector("meta[name=csrf-token]") || {}).content || "";

export const csrfToken = () => token;
const isJson = response => (response.headers.get("Content-Type") || "").startsWith("application/json");

// After signing in again the page's token is stale: read a fresh one; who may not see this page finds one on the first. Resolves
// with "token", with "login" when the person is signed out, "other" when somebody else is signed in, "" when nothing was learned.
export async function freshToken() {
  try {
    for (const address of [location.href, "/"]) {
      const response = await fetch(address, { credentials: "same-origin", redirect: "manual" });
      if (response.type === "opaqueredirect") return "login";
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.querySelector("meta[name=csrf-token]");
      if (!found) continue;
      token = found.content;
      const now = page.getElementById("kept-elsewhere");
      return frame && now && now.dataset.user !== frame.dataset.user ? "other" : "token";
    }
  } catch (error) { /* away */ }
  return "";
}

// Posts a form's data. Resolves with {response} for an answer of the view, else with {fault, message?}: login, other, offline,
// failed, or refused with the reason in words. A token that grew old is renewed once.
export async function post(url, data, isSecond = false) {
  data.set("csrfmiddlewaretoken", token);
  let response = null;
  try {
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token };
    response = await fetch(url, { method: "POST", credentials: "same-origin", redirect: "manual", body: data, headers });
  } catch (error) { return { fault: "offline" }; }
  if (response.type === "opaqueredirect") return { fault: "login" };
  if (response.status === 403 && !isJson(response) && !isSecond) {
    const found = await freshToken();
    return found === "token" ? post(url, data, true) : { fault: found || "failed" };
  }
  if (response.status === 403 || response.status === 404 || response.status === 409 && isJson(response)) {
    const message = await reasonOf(response);
    return message ? { fault: "refused", message } : { fault: "failed" };
  }
  return response.status >= 500 || response.status === 405 ? { fault: "failed" } : { response };
}

async function reasonOf(response) {
  try {
    if (isJson(response)) return (await response.json()).message;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return (page.querySelector("[data-reason]") || { textContent: "" }).textContent.trim();
  } catch (error) { return ""; }
}

// This page in a new tab: it asks to sign in and then stands there again.
export function signInLink() {
  return Object.assign(document.createElement("a"), { href: location.pathname + location.search, target: "_blank", rel: "noopener", textContent: words.link });
}

// Says at the form what became of its sending; replaces what was said there before.
export function tell(form, { fault, message }) {
  const place = form.querySelector("[data-fault]") || document.createElement("p");
  place.className = "mr-fault";
  place.dataset.fault = fault;
  place.setAttribute("role", "alert");
  place.replaceChildren(message || words[fault]);
  if (fault === "login" || fault === "other") place.append(" ", signInLink());
  if (!place.isConnected) form.append(place);
}

export function hush(form) {
  const place = form.querySelector("[data-fault]");
  if (place) place.remove();
}
