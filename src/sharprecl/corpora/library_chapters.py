"""Which chapter of the Library Reference documents which module.

The chapters and their modules follow the table of contents of the Python 3.11 Library Reference
(docs.python.org/3.11/library/index.html). Modules that came later stand in the chapter whose subject
they share; private modules, and packages without a page of their own, stand with the module they serve.
A package's submodules go with the package. Modules a given Python lacks are simply not there.

Left out: chapters whose title names a platform or a status and no subject (Unix and Windows Specific
Services, Superseded Modules), because no text can tell them apart, and ``distutils``, ``lib2to3`` and
``_pyrepl``, which only some Pythons have and which would change a chapter's size several times over.
"""

LIBRARY_CHAPTERS: dict[str, str] = {
    "Text Processing Services": """
        string re sre_compile sre_constants sre_parse difflib textwrap stringprep rlcompleter
    """,
    "Binary Data Services": "struct codecs encodings",
    "Data Types": """
        datetime _pydatetime zoneinfo calendar collections _collections_abc heapq bisect weakref _weakrefset
        types copy pprint reprlib enum graphlib
    """,
    "Numeric and Mathematical Modules": "numbers decimal _pydecimal fractions random statistics _pylong",
    "Functional Programming Modules": "functools operator",
    "File and Directory Access": """
        pathlib posixpath ntpath genericpath fileinput stat filecmp tempfile glob fnmatch linecache shutil
    """,
    "Data Persistence": "pickle pickletools _compat_pickle copyreg shelve dbm sqlite3",
    "Data Compression and Archiving": "compression gzip bz2 lzma zipfile tarfile _compression",
    "File Formats": "csv configparser tomllib netrc plistlib",
    "Cryptographic Services": "hashlib hmac secrets",
    "Generic Operating System Services": """
        os io _pyio _strptime argparse getopt logging getpass curses platform _ios_support ctypes
    """,
    "Concurrent Execution": """
        threading _threading_local multiprocessing concurrent subprocess sched queue contextvars
    """,
    "Networking and Interprocess Communication": "asyncio socket ssl selectors signal",
    "Internet Data Handling": "email json mailbox mimetypes base64 quopri",
    "Structured Markup Processing Tools": "html xml _markupbase",
    "Internet Protocols and Support": """
        webbrowser wsgiref urllib http ftplib poplib imaplib smtplib uuid socketserver xmlrpc ipaddress
    """,
    "Multimedia Services": "wave colorsys",
    "Internationalization": "gettext locale",
    "Program Frameworks": "turtle turtledemo cmd shlex",
    "Graphical User Interfaces with Tk": "tkinter idlelib",
    "Development Tools": "typing pydoc pydoc_data doctest unittest",
    "Debugging and Profiling": "bdb pdb profile cProfile pstats profiling timeit trace tracemalloc",
    "Software Packaging and Distribution": "ensurepip venv zipapp",
    "Python Runtime Services": """
        sysconfig _osx_support _aix_support _bootsubprocess warnings _py_warnings
        dataclasses contextlib abc _py_abc traceback __future__ annotationlib inspect site
        _sitebuiltins
    """,
    "Custom Python Interpreters": "code codeop",
    "Importing Modules": "zipimport pkgutil modulefinder runpy importlib",
    "Python Language Services": """
        ast symtable token tokenize keyword tabnanny pyclbr py_compile compileall dis opcode
        _opcode_metadata
    """,
}
"""Chapter title → its modules, separated by blanks."""
