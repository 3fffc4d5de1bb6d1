"""The application's HTTP endpoints: what is sent, what came back, and whether that is as it should be.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    answer        what an endpoint answered, with and without its values
    request       what is sent: variables filled in, body, token, certificates
    exchange      one request and its answer, under a total deadline
    schema      - answers held against a JSON Schema, which nothing is fetched for
    health        whether an answer is as the configuration says
    values        values of answers as a baseline keeps them: compared, and told to nobody
    latency       how long an endpoint takes now, against the recorded time
    application   the endpoints of a run: each asked once, logins before the others
    recording     what a baseline keeps of all of them
"""
