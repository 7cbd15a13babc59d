/* A conversation is read from its end. */
export default function thread(log) {
  log.scrollTop = log.scrollHeight;
}
