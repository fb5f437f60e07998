"""Python that uses embeddings, for people to copy: it runs as it stands. No torch."""

import json
from pathlib import Path

_CLASSES = """\
import numpy as np, pandas
from sklearn.linear_model import LogisticRegression
X, y = np.load({array}), pandas.read_csv({index})["class"]
classifier = LogisticRegression(max_iter=1000).fit(X[y.notna()], y.dropna())  # where the class is known
"""
_ALIKE = """\
import numpy as np, pandas
from sklearn.neighbors import NearestNeighbors
X, paths = np.load({array}), pandas.read_csv({index})["path"]
distances, rows = NearestNeighbors(n_neighbors=min(5, len(X)), metric="cosine").fit(X).kneighbors(X[:1])
print(paths[rows[0]])  # those that are most like the first picture
"""


def code_for(classes: int, folder: Path = Path()) -> str:
    """A classifier where there are classes to tell apart, else what is alike.

    Args:
        classes: so many are known of pictures.
        folder: where the files lie, as seen by whoever runs it.
    """
    array, index = (
        json.dumps((folder / name).as_posix(), ensure_ascii=False) for name in ("embeddings.npy", "index.csv")
    )
    return (_CLASSES if classes > 1 else _ALIKE).format(array=array, index=index)
