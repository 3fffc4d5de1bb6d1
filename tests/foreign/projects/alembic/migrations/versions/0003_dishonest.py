import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.drop_index("ix_accounts_email", "accounts")
    op.drop_column("accounts", "name")


def downgrade():
    op.add_column("accounts", sa.Column("name", sa.Text))
