#!/usr/bin/env bash
# One complete sale over HTTP, as a frontend and a member of staff would make it.
#
#   make demo                      # in another terminal
#   docs/first_sale.sh [http://127.0.0.1:8000]
#
# Needs curl and python3. Every step prints what it did; the first one that fails stops the script.
set -euo pipefail

SHOP=${1:-http://127.0.0.1:8000}
API=$SHOP/api/v1
STAFF_EMAIL=${STAFF_EMAIL:-orders@example.com}
STAFF_PASSWORD=${STAFF_PASSWORD:-tradepost-demo}
# Every run registers a customer of its own.
EMAIL="reader-$(date +%s)-$$@example.com"
PASSWORD="a-long-walk-$(date +%s)"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { echo "FAILED: $*" >&2; exit 1; }

# call METHOD PATH EXPECTED_STATUS [JSON] [HEADER…] — prints the body, checks the status
call() {
  local method=$1 path=$2 expected=$3 body=${4:-} status
  shift $(($# < 4 ? $# : 4))
  local arguments=(-sS -X "$method" -o "$WORK/body" -w '%{http_code}' -H 'Accept: application/json')
  [ -n "$body" ] && arguments+=(-H 'Content-Type: application/json' -d "$body")
  for header in "$@"; do arguments+=(-H "$header"); done
  status=$(curl "${arguments[@]}" "$API$path")
  [ "$status" = "$expected" ] || fail "$method $path answered $status, not $expected: $(cat "$WORK/body")"
  cat "$WORK/body"
}

# get EXPRESSION — reads JSON on standard input, prints the value of a Python expression over it
get() { python3 -c 'import json, sys; it = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

say "1. Register and sign in"
call POST /auth/register 201 "{\"email\": \"$EMAIL\", \"password\": \"$PASSWORD\"}" > /dev/null
TOKEN=$(call POST /auth/login 200 "{\"email\": \"$EMAIL\", \"password\": \"$PASSWORD\"}" | get 'it["access"]')
ME="Authorization: Bearer $TOKEN"
echo "Signed in as $(call GET /users/me 200 '' "$ME" | get 'it["email"]')"

say "2. Find a book"
call GET '/products?search=pride+and+prejudice&in_stock=true' 200 > "$WORK/found"
PRODUCT=$(get 'it["results"][0]["id"]' < "$WORK/found")
echo "Found: $(get 'it["results"][0]["name"]' < "$WORK/found") for $(get 'it["results"][0]["price"] + " " + it["results"][0]["currency"]' < "$WORK/found")"

say "3. Put two into the cart, of the edition there are most of"
VARIANT=$(call GET "/products/$PRODUCT" 200 | get 'max((v for v in it["variants"] if not v["is_digital"]), key=lambda v: v["stock_quantity"])["id"]')
call POST /cart/items 201 "{\"variant\": \"$VARIANT\", \"quantity\": 2}" "$ME" > /dev/null
echo "In the cart: $(call GET /cart 200 '' "$ME" | get 'str(it["item_count"]) + " books, " + it["subtotal"] + " " + it["currency"]')"

say "4. Choose the delivery and place the order"
METHOD=$(call GET '/cart/shipping-methods?country=US&postal_code=10001' 200 '' "$ME" | get '(it["results"] if isinstance(it, dict) else it)[0]["id"]')
ORDER_BODY="{\"shipping_address\": {\"full_name\": \"Ada Reader\", \"line1\": \"1 Library Way\", \"city\": \"New York\", \"region\": \"NY\", \"postal_code\": \"10001\", \"country\": \"US\"}, \"shipping_method\": \"$METHOD\"}"
call POST /orders 201 "$ORDER_BODY" "$ME" "Idempotency-Key: order-$EMAIL" > "$WORK/order"
ORDER=$(get 'it["id"]' < "$WORK/order")
NUMBER=$(get 'it["number"]' < "$WORK/order")
AGAIN=$(call POST /orders 201 "$ORDER_BODY" "$ME" "Idempotency-Key: order-$EMAIL" | get 'it["id"]')
[ "$AGAIN" = "$ORDER" ] || fail "the repeated request made a second order"
echo "Order $NUMBER over $(get 'it["total"] + " " + it["currency"] + " is " + it["status"]' < "$WORK/order")"

say "5. Pay"
call POST /payments 402 "{\"order\": \"$ORDER\", \"provider\": \"test\", \"payment_method\": \"tok_declined\"}" "$ME" \
  | get '"A first card: " + it["detail"]'
call POST /payments 201 "{\"order\": \"$ORDER\", \"provider\": \"test\", \"payment_method\": \"tok_success\"}" "$ME" "Idempotency-Key: pay-$EMAIL" \
  | get '"A second card: " + it["status"] + ", " + it["amount"] + " " + it["currency"]'
STATUS=$(call GET "/orders/$ORDER" 200 '' "$ME" | get 'it["status"]')
[ "$STATUS" = paid ] || fail "the order is $STATUS, not paid"
echo "The order is $STATUS"

say "6. Staff find the order in the admin and ship it"
JAR=$WORK/cookies
curl -sS -c "$JAR" -o /dev/null "$SHOP/admin/login/"
CSRF=$(awk '$6 == "csrftoken" {print $7}' "$JAR")
curl -sS -b "$JAR" -c "$JAR" -o /dev/null -H "Referer: $SHOP/admin/login/" \
  --data-urlencode "csrfmiddlewaretoken=$CSRF" --data-urlencode "username=$STAFF_EMAIL" \
  --data-urlencode "password=$STAFF_PASSWORD" "$SHOP/admin/login/"
curl -sS -b "$JAR" "$SHOP/admin/orders/order/?q=$NUMBER" > "$WORK/admin"
grep -q "$NUMBER" "$WORK/admin" || fail "the admin does not show order $NUMBER"
echo "The admin shows $NUMBER to $STAFF_EMAIL"
STAFF_TOKEN=$(call POST /auth/login 200 "{\"email\": \"$STAFF_EMAIL\", \"password\": \"$STAFF_PASSWORD\"}" | get 'it["access"]')
call POST "/orders/$ORDER/ship" 200 '{"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}' "Authorization: Bearer $STAFF_TOKEN" > /dev/null

say "7. The customer follows the parcel"
call GET "/orders/$ORDER" 200 '' "$ME" > "$WORK/order"
[ "$(get 'it["status"]' < "$WORK/order")" = shipped ] || fail "the customer does not see the shipment"
echo "Order $NUMBER is $(get 'it["status"] + " with " + it["shipments"][0]["carrier"] + " " + it["shipments"][0]["tracking_number"]' < "$WORK/order")"
echo
echo "The first sale is complete."
