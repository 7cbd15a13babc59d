// Buttons that open the chat. They appear once there is a script that can do it; the launcher works without them.
for (const button of document.querySelectorAll("[data-chat-open]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.CSPortal?.("open"));
}
