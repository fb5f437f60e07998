"""Events, control, errors, codec and durable files: the ground floor, stdlib only but for cattrs and platformdirs."""
