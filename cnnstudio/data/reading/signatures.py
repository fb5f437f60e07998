"""The table of formats that are not read: how to recognise them, what they are called, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do with one file, and with many."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of file that cannot be read as a picture."""

    one: str
    """Such as ``a DICOM picture``."""
    many: str
    advice: Advice
    is_picture: bool = True
    """Whether it shows something, in a format that is not read here."""

    @property
    def reason(self) -> str:
        """The end of a sentence about one file."""
        what = f"it is {self.one}" if self.is_picture else f"it is {self.one}, not a picture"
        return f"{what}; {self.advice.one}" if self.advice.one else what


SAVE = Advice("save it as JPEG or PNG first", "Save them as JPEG or PNG first.")
_EXPORT = Advice("export it as PNG or TIFF first", "Export them as PNG or TIFF first.")
_MEDICAL = Advice(
    "export it as PNG or TIFF first, with a DICOM viewer", "Export them as PNG or TIFF first, with a DICOM viewer."
)
_DEVELOP = Advice(
    "develop it to JPEG or TIFF first, with the camera's program",
    "Develop them to JPEG or TIFF first, with the camera's program.",
)
_MICROSCOPE = Advice(
    "export it as TIFF or PNG first, with the microscope's program or ImageJ",
    "Export them as TIFF or PNG first, with the microscope's program or ImageJ.",
)
_ARRAYS = Advice(
    "save each picture in it as PNG or TIFF first", "Save each picture in them as a PNG or TIFF of its own first."
)
_FRAMES = Advice("save single pictures of it first", "Save single pictures of them first.")
_PAGES = Advice("save the pictures in it as JPEG or PNG first", "Save the pictures in them as JPEG or PNG first.")
_UNPACK = Advice("unpack it first", "Unpack them first.")
_AGAIN = Advice("download the picture itself again", "Download the pictures themselves again.")
_LFS = Advice("fetch the picture itself with: git lfs pull", "Fetch the pictures themselves with: git lfs pull.")
_ORIGINAL = Advice("copy the picture itself here", "Copy the pictures themselves here.")
_CLOUD = Advice("download the picture from iCloud first", "Download the pictures from iCloud first.")
_RESTORE = Advice(
    "copy it again from where it came, or restore it from a backup",
    "Copy them again from where they came, or restore them from a backup.",
)
_SKIP = Advice("", "Choose a folder of pictures.")

DICOM = Known("a DICOM picture", "DICOM pictures", _MEDICAL)
NIFTI = Known("a NIfTI volume", "NIfTI volumes", _ARRAYS)
VIDEO = Known("a video", "videos", _FRAMES, is_picture=False)
TGA = Known("a TGA picture", "TGA pictures", SAVE)
NUMPY = Known("a NumPy array", "NumPy arrays", _ARRAYS)
ICON = Known("an icon or a cursor", "icons or cursors", SAVE)
KRITA = Known("a Krita or OpenRaster picture", "Krita or OpenRaster pictures", SAVE)
ZIP = Known("a ZIP archive", "ZIP archives", _UNPACK, is_picture=False)
OFFICE = Known("an Office document", "Office documents", _PAGES, is_picture=False)
TEXT = Known("a text file", "text files", _SKIP, is_picture=False)
PLACEHOLDER = Known("a placeholder of iCloud", "placeholders of iCloud", _CLOUD, is_picture=False)
NOTHING_LEFT = Known(
    "a file of nothing but zeros, whose content was lost",
    "files of nothing but zeros, whose content was lost",
    _RESTORE,
    is_picture=False,
)
_SOUND = Known("a sound recording", "sound recordings", _SKIP, is_picture=False)
_J2K = Known("a JPEG 2000 picture", "JPEG 2000 pictures", SAVE)
_SVG = Known("an SVG drawing", "SVG drawings", SAVE)
_FITS = Known("a FITS picture", "FITS pictures", _EXPORT)
_HDF5 = Known("an HDF5 file", "HDF5 files", _ARRAYS)
_MATLAB = Known("a MATLAB file", "MATLAB files", _ARRAYS)
_NETCDF = Known("a NetCDF file", "NetCDF files", _ARRAYS)
_NOTE = Known("a Mac's note about a picture", "notes of a Mac about pictures", _SKIP, is_picture=False)
_PROGRAM = Known("a program", "programs", _SKIP, is_picture=False)


def raw_of(maker: str) -> Known:
    """A camera's raw picture; ``maker`` names the camera or the format."""
    return Known(f"a camera's raw picture ({maker})", f"raw pictures of a camera ({maker})", _DEVELOP)


def microscope_of(name: str) -> Known:
    """A microscope's own format."""
    return Known(f"a microscope's picture ({name})", f"pictures of a microscope ({name})", _MICROSCOPE)


def _drawn(name: str, article: str = "a") -> Known:
    return Known(f"{article} {name} picture", f"{name} pictures", SAVE)


def _archive(name: str, article: str = "a") -> Known:
    return Known(f"{article} {name} archive", f"{name} archives", _UNPACK, is_picture=False)


STARTS: tuple[tuple[int, bytes, Known], ...] = (
    (128, b"DICM", DICOM),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", _J2K), (0, b"\xff\x4f\xff\x51", _J2K),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", _drawn("JPEG XL")), (0, b"\xff\x0a", _drawn("JPEG XL")),
    (0, b"\xff\xd8\xff\xf7", _drawn("JPEG-LS")),
    (0, b"II\xbc\x01", _drawn("JPEG XR")), (0, b"II\xbc\x00", _drawn("JPEG XR")),
    (8, b"CR\x02", raw_of("CR2, Canon")), (6, b"HEAPCCDR", raw_of("CRW, Canon")),
    (0, b"FUJIFILMCCD-RAW", raw_of("RAF, Fujifilm")), (0, b"IIRO", raw_of("ORF, Olympus")),
    (0, b"IIRS", raw_of("ORF, Olympus")), (0, b"MMOR", raw_of("ORF, Olympus")),
    (0, b"IIU\0", raw_of("RW2, Panasonic")), (0, b"FOVb", raw_of("X3F, Sigma")), (0, b"\0MRM", raw_of("MRW, Minolta")),
    (0, b"8BPS", _drawn("Photoshop")), (0, b"gimp xcf", _drawn("GIMP")),
    (0, b"Paint Shop Pro Image File", _drawn("Paint Shop Pro")), (0, b"\0\xffKA", _drawn("Affinity", "an")),
    (0, b"CSFCHUNK", _drawn("Clip Studio")),
    (0, b"%!PS", Known("an EPS or PostScript drawing", "EPS or PostScript drawings", SAVE)),
    (0, b"\xc5\xd0\xd3\xc6", Known("an EPS drawing", "EPS drawings", SAVE)),
    (0, b"%PDF", Known("a PDF document", "PDF documents", _PAGES)),
    (0, b"AT&TFORM", Known("a DjVu document", "DjVu documents", _PAGES)),
    (0, b"v/1\x01", _drawn("OpenEXR", "an")), (0, b"#?RADIANCE", _drawn("Radiance HDR")),
    (0, b"#?RGBE", _drawn("Radiance HDR")), (0, b"PF\n", _drawn("PFM")), (0, b"Pf\n", _drawn("PFM")),
    (0, b"P7\n", _drawn("PAM")), (0, b"icns", _drawn("Apple icon", "an")), (0, b"DDS ", _drawn("DDS")),
    (0, b"qoif", _drawn("QOI")), (0, b"FLIF", _drawn("FLIF")), (0, b"BPG\xfb", _drawn("BPG")),
    (0, b"\x01\xda\x00\x01", _drawn("SGI", "an")), (0, b"\x01\xda\x01\x01", _drawn("SGI", "an")),
    (0, b"\x59\xa6\x6a\x95", _drawn("Sun raster")), (0, b"\x8aMNG", _drawn("MNG", "an")),
    (0, b"\x8bJNG", _drawn("JNG")), (0, b"SDPX", _drawn("DPX")), (0, b"XPDS", _drawn("DPX")),
    (0, b"\x0a\x05\x01\x08", _drawn("PCX")), (0, b"/* XPM */", _drawn("XPM", "an")),
    (0, b"\xd7\xcd\xc6\x9a", Known("a WMF drawing", "WMF drawings", SAVE)),
    (40, b" EMF", Known("an EMF drawing", "EMF drawings", SAVE)),
    (0, b"SIMPLE  =", _FITS), (0, b"NRRD000", Known("an NRRD volume", "NRRD volumes", _ARRAYS)),
    (344, b"n+1\0", NIFTI), (344, b"ni1\0", NIFTI), (4, b"n+2\0", NIFTI),
    (208, b"MAP ", Known("an MRC volume", "MRC volumes", _ARRAYS)),
    (0, b"\x93NUMPY", NUMPY), (0, b"MATLAB ", _MATLAB), (0, b"\x89HDF\r\n\x1a\n", _HDF5),
    (512, b"\x89HDF\r\n\x1a\n", _HDF5), (0, b"CDF\x01", _NETCDF), (0, b"CDF\x02", _NETCDF),
    (0, b"ZISRAWFILE", microscope_of("CZI, Zeiss")), (0, b"\x70\0\0\0", microscope_of("LIF, Leica")),
    (0, b"\xda\xce\xbe\x0a", microscope_of("ND2, Nikon")), (0, b"OLYMPUSRAWFORMAT", microscope_of("OIR, Olympus")),
    (0, b"PAR1", Known("a Parquet table", "Parquet tables", _ARRAYS, is_picture=False)),
    (0, b"SQLite format 3\0", Known("a database", "databases", _ARRAYS, is_picture=False)),
    (0, b"\x1aE\xdf\xa3", VIDEO), (0, b"FLV\x01", VIDEO), (0, b"\0\0\x01\xba", VIDEO), (0, b"\0\0\x01\xb3", VIDEO),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", VIDEO), (4, b"moov", VIDEO), (4, b"mdat", VIDEO), (4, b"wide", VIDEO),
    (8, b"AVI ", VIDEO), (8, b"WAVE", _SOUND), (0, b"ID3", _SOUND), (0, b"fLaC", _SOUND), (0, b"OggS", _SOUND),
    (0, b"Rar!\x1a\x07", _archive("RAR")), (0, b"7z\xbc\xaf\x27\x1c", _archive("7-Zip")),
    (0, b"\x1f\x8b", _archive("gzip")), (0, b"BZh", _archive("bzip2")), (0, b"\xfd7zXZ\0", _archive("XZ", "an")),
    (0, b"\x28\xb5\x2f\xfd", _archive("Zstandard")), (257, b"ustar", _archive("TAR")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OFFICE), (0, b"{\\rtf", OFFICE),
    (0, b"L\0\0\0\x01\x14\x02\0", Known("a Windows shortcut", "Windows shortcuts", _ORIGINAL, is_picture=False)),
    (0, b"[InternetShortcut]", Known("a link to a web page", "links to web pages", _AGAIN, is_picture=False)),
    (0, b"book\0\0\0\0mark", Known("a Mac's alias", "aliases of a Mac", _ORIGINAL, is_picture=False)),
    (0, b"\0\x05\x16\x07", _NOTE), (0, b"\0\x05\x16\0", _NOTE), (0, b"\x7fELF", _PROGRAM), (0, b"MZ", _PROGRAM),
)  # fmt: skip
"""Where in the file, which bytes, and what it is; the first that fits."""
BRANDS = (
    (b"crx", raw_of("CR3, Canon")), (b"M4A M4B M4P", _SOUND), (b"jp2 jpx jpm", _J2K),
)  # fmt: skip
"""Of files that begin with ``ftyp``; any other is a video."""
TEXTS = (
    (rb"\s*version https://git-lfs", Known("a Git LFS pointer", "Git LFS pointers", _LFS, is_picture=False)),
    (rb"<svg[\s>]|<!doctype svg", _SVG),
    (
        rb"<!doctype html|<html|<head|<body|<script|<iframe|<meta",
        Known("a web page", "web pages", _AGAIN, is_picture=False),
    ),
    (rb"\s*<\?xml|\s*<[a-z]\w*[\s>]", Known("an XML text", "XML texts", _AGAIN, is_picture=False)),
    (rb"\s*[\[{][\s\"{\[\]}]", Known("a JSON text", "JSON texts", _AGAIN, is_picture=False)),
    (
        rb"\s*(/9j/|iVBORw0KGgo|R0lGOD|UklGR|data:image/)",
        Known("a picture written as text (Base64)", "pictures written as text (Base64)", SAVE),
    ),
    (rb"\s*(NDims|ObjectType)\s*=", Known("a MetaImage volume", "MetaImage volumes", _ARRAYS)),
    (rb"\s*#define \w+_width", _drawn("XBM", "an")),
)
"""Patterns in the beginning of a text, and what it is; those that begin with blanks have to stand at its start."""
OFFICE_PARTS = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")
DICOM_PARTS = (b"1.2.840.10008.", b"ISO_IR", b"ORIGINAL\\", b"DERIVED\\")
"""One of them stands in the beginning of every DICOM file."""
_OF_CAMERAS = (
    "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "dng", "raf", "orf", "rw2", "rwl", "pef", "srw", "3fr",
    "fff", "iiq", "mrw", "x3f", "erf", "kdc", "dcr", "mos",
)  # fmt: skip
_OF_MICROSCOPES = ("czi", "lif", "nd2", "oib", "oif", "vsi", "oir", "zvi", "lsm", "svs", "ndpi", "scn", "mrxs", "bif")
RAWS = {ending: raw_of(ending.upper()) for ending in _OF_CAMERAS}
"""Endings of cameras' raw pictures."""
ENDINGS = {
    **RAWS, **{ending: microscope_of(ending.upper()) for ending in _OF_MICROSCOPES},
    **dict.fromkeys(("dcm", "dicom", "dic", "ima"), DICOM), **dict.fromkeys(("tga", "icb", "vda", "vst"), TGA),
    **dict.fromkeys(("jp2", "j2k", "jpf", "jpx", "j2c", "jpc"), _J2K),
    **dict.fromkeys(("mp4", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "wmv", "m4v", "3gp", "mts", "m2ts"), VIDEO),
    "nii": NIFTI, "mat": _MATLAB, "npy": NUMPY, "npz": NUMPY, "h5": _HDF5, "hdf5": _HDF5, "svg": _SVG, "fits": _FITS,
    "jxl": _drawn("JPEG XL"), "psd": _drawn("Photoshop"), "ico": ICON, "cur": ICON, "pcx": _drawn("PCX"),
}  # fmt: skip
"""What a file is called that its content does not give away."""
