"""Sign-up, sign-in, refresh and sign-out over HTTP."""

from fastapi.testclient import TestClient

ADA = {
    "email": "Ada@Example.org",
    "password": "correct horse battery",
    "full_name": "Ada",
    "organization_name": "Analytical Engines",
}


def test_register_then_me_describes_the_owner(client: TestClient) -> None:
    answer = client.post("/api/v1/auth/register", json=ADA)
    assert answer.status_code == 201, answer.text
    token = answer.json()["access_token"]
    me = client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert me.status_code == 200, me.text
    assert me.json()["email"] == "ada@example.org"
    assert me.json()["role"] == "owner"
