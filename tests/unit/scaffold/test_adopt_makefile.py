from __future__ import annotations

import pytest

from devkit.scaffold.adopt_makefile import parse_makefile

pytestmark = pytest.mark.unit


def test_each_target_of_a_makefile_is_listed_beside_its_devkit_command() -> None:
    targets = parse_makefile(
        "DC = docker compose\n.PHONY: up\nup: ## start it\n\t@$(DC) up -d\n"
        "## all tests\ntest:\n\tdocker compose exec -T app php artisan test --parallel\n"
        "sh:\n\tdocker-compose exec -u sail app bash\n"
        "pkg: ; ./vendor/bin/sail composer install\n"
        "fresh:\n\t$(DC) exec app php artisan migrate:fresh --seed\n"
        "deploy: build\n\trsync -a . host: && \\\n\t  ssh host 'echo \"hi\"'\n\t@echo done\n"
        "help:\n\t@grep x Makefile\nnpm:\n"
    )
    assert {target.name: target.command for target in targets} == {
        "up": "devkit up",
        "test": "devkit test --parallel",
        "sh": "devkit shell",
        "pkg": "devkit composer install",
        "fresh": "devkit artisan migrate:fresh --seed",
        "deploy": None,
        "npm": "devkit npm",
    }
    by_name = {target.name: target for target in targets}
    assert by_name["up"].help == "start it"
    assert by_name["test"].help == "all tests"
    assert by_name["deploy"].suggestion == 'deploy = "rsync -a . host: && ssh host \'echo \\"hi\\"\'"'
