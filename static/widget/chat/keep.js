// A copy of the conversation: as a file, on paper, or by e-mail.

import { fetchFile } from "./api.js";
import { config, say } from "./config.js";

export async function download(token) {
  const blob = await fetchFile("transcript?format=html", token);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = `${config.name} ${new Date().toLocaleDateString("sv")}.html`;
  link.click();
  // Firefox reads the file a moment after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export async function mail(request) {
  const { email } = await request("POST", "transcript/mail", { body: {} });
  return say("transcriptMailed", { email });
}
