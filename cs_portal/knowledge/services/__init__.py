"""Changes to the merchant's answers: writing them, their life from draft to archive, trying a question."""

from cs_portal.knowledge.services.writing import describe_faqs, knowledge_changed

__all__ = ["describe_faqs", "knowledge_changed"]
