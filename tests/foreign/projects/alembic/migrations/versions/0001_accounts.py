import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    accounts = op.create_table(
        "accounts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(120), nullable=False, index=True),
        sa.Column("name", sa.String(30)),
    )
    op.bulk_insert(accounts, [{"id": n, "email": f"{n}@example.org", "name": f"name {n}"} for n in range(1, 11)])


def downgrade():
    op.drop_table("accounts")
