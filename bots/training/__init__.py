"""Training of language models: on texts, loss −Σ log P(wᵢ|w₍<ᵢ₎), and on pairs of question and reply, loss
−Σ log P(rᵢ|qᵢ). What is trained is a low-rank adapter beside the model, whose own weights stay as they are."""
