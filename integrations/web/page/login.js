// The door: the token goes in as JSON, the cookie that comes back is the server's alone to read.
const form = document.getElementById("login");
const problem = document.getElementById("problem");

// Where one wanted to go: a page of the operator's place, and no other address.
function wanted() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  return /^\/admin(?![^/?])/.test(next) ? next : "/";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.textContent = "";
  try {
    const answer = await fetch("/page/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Easel-Page": "1" },
      body: JSON.stringify({ token: document.getElementById("token").value }),
    });
    if (answer.ok) return location.assign(wanted());
    problem.textContent = (await answer.json()).error.message;
  } catch {
    problem.textContent = form.dataset.unreachable;
  }
});
