"Reads settings.ini, the one place of the package's metadata."
import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import setup, find_packages

here = Path(__file__).parent
ini = ConfigParser(delimiters=['='], interpolation=None)
ini.read(here/'settings.ini', encoding='utf-8')
cfg = ini['DEFAULT']
lib = cfg['lib_name']
version = re.search(r'^__version__\s*=\s*["\'](.+?)["\']', (here/lib/'__init__.py').read_text(encoding='utf-8'), re.M)[1]
readme = here/'README.md'
repository = re.search(r'^Repository\s*=\s*"(.+?)"', (here/'pyproject.toml').read_text(encoding='utf-8'), re.M)[1]

def absolute(md):
    "Links within the repository as seen from elsewhere, for example from a package index"
    def address(m): return f'{m[1]}({repository}/{"raw" if m[1][0] == "!" else "blob"}/main/{m[2]})'
    return re.sub(r'(!?\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)', address, md)

setup(
    name=lib, version=version, description=cfg['description'], author=cfg['author'], author_email=cfg['author_email'],
    license_expression=cfg['license'], keywords=[k.strip() for k in cfg['keywords'].split(',')],
    long_description=absolute(readme.read_text(encoding='utf-8')) if readme.exists() else '', long_description_content_type='text/markdown',
    classifiers=['Development Status :: 4 - Beta', 'Intended Audience :: Science/Research', 'Intended Audience :: Education',
                 'Topic :: Scientific/Engineering :: Artificial Intelligence', 'Programming Language :: Python :: 3',
                 *(f'Programming Language :: Python :: 3.{o}' for o in range(10, 14)), 'Typing :: Typed'],
    python_requires='>=' + cfg['min_python'], install_requires=cfg['requirements'].split(),
    extras_require={o: cfg[f'{o}_requirements'].split() for o in ('distributed', 'federated', 'cluster', 'dev')},
    packages=find_packages(include=[lib, lib + '.*'], exclude=[lib + '.demo']), package_data={lib: ['py.typed', '**/*.pyi', '**/*.html']}, zip_safe=False,
    entry_points=dict(console_scripts=cfg['console_scripts'].split(), nbdev=[f'{lib}={lib}._modidx:d']),
)
