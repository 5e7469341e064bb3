stripe-thanks = Thank you! Your credits come as soon as the payment is confirmed. You can close this page.
