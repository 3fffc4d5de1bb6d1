import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("accounts", sa.Column("active", sa.Boolean, server_default=sa.true(), nullable=False))
    op.alter_column("accounts", "name", type_=sa.Text)
    op.create_table("sessions", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("sessions")
    op.alter_column("accounts", "name", type_=sa.String(30))
    op.drop_column("accounts", "active")
