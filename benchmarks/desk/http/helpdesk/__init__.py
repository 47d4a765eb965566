"""django-helpdesk, installed as its manual says."""
