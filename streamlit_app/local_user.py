"""Who sits at the machine, where nobody signs in."""

import getpass


def local_user() -> str:
    """The login name; a container may know none."""
    try:
        return getpass.getuser()
    except OSError:
        return "somebody at this machine"
