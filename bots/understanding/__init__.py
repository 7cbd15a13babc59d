"""Understanding a shopper's message: language, intents, entities, what is to be done, and attempts at injection."""
