"""What the Shopify connector asks, as the Admin API's reference of the pinned version has it."""

from __future__ import annotations

ORDER = """
query CsPortalOrder($query: String!) {
  orders(first: 5, query: $query) {
    nodes {
      id
      name
      cancelledAt
      currencyCode
      displayFulfillmentStatus
      shippingAddress { address1 address2 city zip }
      lineItems(first: 100) { nodes { id sku quantity variant { id } } }
      transactions(first: 50) { id kind status gateway amountSet { shopMoney { amount currencyCode } } }
      refunds(first: 100) { id note }
      returns(first: 50) {
        nodes { id returnLineItems(first: 50) { nodes { ... on ReturnLineItem { returnReasonNote } } } }
      }
    }
  }
}
"""

RETURNABLE = """
query CsPortalReturnable($orderId: ID!) {
  returnableFulfillments(orderId: $orderId, first: 50) {
    edges {
      node {
        returnableFulfillmentLineItems(first: 50) {
          edges { node { quantity fulfillmentLineItem { id lineItem { id } } } }
        }
      }
    }
  }
}
"""

REFUND = """
mutation CsPortalRefund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id }
    userErrors { field message }
  }
}
"""

CANCEL = """
mutation CsPortalCancel(
  $orderId: ID!, $reason: OrderCancelReason!, $restock: Boolean!, $notifyCustomer: Boolean,
  $refundMethod: OrderCancelRefundMethodInput!, $staffNote: String
) {
  orderCancel(
    orderId: $orderId, reason: $reason, restock: $restock, notifyCustomer: $notifyCustomer,
    refundMethod: $refundMethod, staffNote: $staffNote
  ) {
    job { id done }
    orderCancelUserErrors { field message code }
  }
}
"""

CREATE_RETURN = """
mutation CsPortalReturn($returnInput: ReturnInput!) {
  returnCreate(returnInput: $returnInput) {
    return { id }
    userErrors { field message code }
  }
}
"""

UPDATE_ORDER = """
mutation CsPortalAddress($input: OrderInput!) {
  orderUpdate(input: $input) {
    order { id }
    userErrors { field message }
  }
}
"""
