"""Knowledge: the list of FAQs, the editor, publishing, the history, and trying a question."""
