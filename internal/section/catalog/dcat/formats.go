package dcat

import (
	"mime"
	"net/url"
	"path"
	"plaza/internal/section/catalog/dcat/wire"
	"strconv"
	"strings"
)

// formatNames maps what publishers write in a format field, folded, to the canonical
// name. Names that are canonical already are in mediaTypes.
var formatNames = map[string]string{
	"comma separated values": "CSV", "text csv": "CSV", "csv utf-8": "CSV", "csv utf8": "CSV", "csv separado por comas": "CSV",
	"tab": "TSV", "tab separated values": "TSV",
	"excel": "XLSX", "microsoft excel": "XLSX", "openxml": "XLSX", "xlsm": "XLSX", "excel xlsx": "XLSX", "excel xls": "XLS",
	"excel (xlsx)": "XLSX", "excel (xls)": "XLS", "hoja de calculo": "XLSX",
	"geo json": "GEOJSON", "json geo": "GEOJSON", "topo json": "TOPOJSON", "json lines": "JSONL", "ndjson": "JSONL", "jsonlines": "JSONL",
	"shapefile": "SHP", "shape": "SHP", "esri shapefile": "SHP", "esri shape": "SHP", "shapefiles": "SHP", "arcgis shapefile": "SHP",
	"geopackage": "GPKG", "geo package": "GPKG", "file geodatabase": "GDB", "geodatabase": "GDB",
	"geotiff": "GEOTIFF", "tiff": "TIFF", "jpeg": "JPG", "texto": "TXT", "text": "TXT", "plain": "TXT", "texto plano": "TXT",
	"web page": "HTML", "webpage": "HTML", "pagina web": "HTML", "htm": "HTML", "sitio web": "HTML", "web": "HTML", "website": "HTML", "aspx": "HTML",
	"word": "DOCX", "msword": "DOC", "powerpoint": "PPTX", "jsonld": "JSON-LD", "json ld": "JSON-LD", "ttl": "TURTLE", "rdf/xml": "RDF", "rdf xml": "RDF",
	"web service": "API", "webservice": "API", "rest": "API", "rest api": "API", "api rest": "API", "servicio web": "API", "soap": "API",
	"arcgis geoservices rest api": "API", "esri rest": "API", "arcgis rest": "API", "map service": "API",
	"ogc wms": "WMS", "ogc wfs": "WFS", "compressed": "ZIP", "zip file": "ZIP", "gz": "GZIP", "x-gzip": "GZIP", "tar.gz": "GZIP", "tgz": "GZIP",
	"access": "MDB", "accdb": "MDB", "dta": "STATA", "sav": "SPSS", "stata": "STATA", "spss": "SPSS", "bases de datos": "",
	"application/octet-stream": "", "octet stream": "", "binary": "", "bin": "", "other": "", "otro": "", "n/a": "", "na": "", "unknown": "", "none": "", "data": "",
}

// mediaTypes maps media types to canonical names.
var mediaTypes = map[string]string{
	"text/csv": "CSV", "application/csv": "CSV", "text/comma-separated-values": "CSV", "application/vnd.ms-excel.csv": "CSV",
	"text/tab-separated-values":                                         "TSV",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
	"application/vnd.ms-excel":                                          "XLS", "application/xls": "XLS", "application/excel": "XLS", "application/msexcel": "XLS",
	"application/vnd.oasis.opendocument.spreadsheet": "ODS",
	"application/json": "JSON", "text/json": "JSON", "application/x-ndjson": "JSONL", "application/jsonl": "JSONL",
	"application/geo+json": "GEOJSON", "application/vnd.geo+json": "GEOJSON", "application/topo+json": "TOPOJSON",
	"application/ld+json": "JSON-LD", "text/turtle": "TURTLE", "application/rdf+xml": "RDF", "application/n-triples": "NT",
	"application/xml": "XML", "text/xml": "XML", "application/gml+xml": "GML", "application/rss+xml": "RSS", "application/atom+xml": "ATOM",
	"application/vnd.google-earth.kml+xml": "KML", "application/vnd.google-earth.kmz": "KMZ",
	"application/x-shapefile": "SHP", "application/vnd.shp": "SHP", "application/x-qgis": "SHP", "application/geopackage+sqlite3": "GPKG",
	"application/vnd.apache.parquet": "PARQUET", "application/x-parquet": "PARQUET", "application/vnd.sqlite3": "SQLITE", "application/x-sqlite3": "SQLITE",
	"application/pdf": "PDF", "text/html": "HTML", "application/xhtml+xml": "HTML", "text/plain": "TXT", "text/markdown": "MD",
	"application/msword": "DOC", "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "DOCX",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX", "application/rtf": "RTF",
	"application/zip": "ZIP", "application/x-zip-compressed": "ZIP", "application/x-zip": "ZIP", "multipart/x-zip": "ZIP",
	"application/gzip": "GZIP", "application/x-gzip": "GZIP", "application/x-7z-compressed": "7Z", "application/x-rar-compressed": "RAR", "application/vnd.rar": "RAR",
	"image/jpeg": "JPG", "image/png": "PNG", "image/tiff": "TIFF", "image/svg+xml": "SVG", "application/dbf": "DBF", "application/x-dbf": "DBF",
	"application/vnd.ms-access": "MDB", "application/x-msaccess": "MDB", "application/vnd.ogc.wms_xml": "WMS", "application/vnd.ogc.wfs_xml": "WFS",
	"text/calendar": "ICS", "application/x-netcdf": "NETCDF", "application/x-hdf5": "HDF5",
}

// extensions are the endings of addresses that tell a format. Those of programs that
// answer requests (php, aspx, jsp) tell nothing.
var extensions = map[string]string{
	"csv": "CSV", "tsv": "TSV", "xlsx": "XLSX", "xlsm": "XLSX", "xls": "XLS", "ods": "ODS", "json": "JSON", "jsonl": "JSONL", "ndjson": "JSONL",
	"geojson": "GEOJSON", "topojson": "TOPOJSON", "jsonld": "JSON-LD", "ttl": "TURTLE", "rdf": "RDF", "nt": "NT", "xml": "XML", "gml": "GML",
	"kml": "KML", "kmz": "KMZ", "shp": "SHP", "gpkg": "GPKG", "gdb": "GDB", "parquet": "PARQUET", "sqlite": "SQLITE", "pdf": "PDF",
	"html": "HTML", "htm": "HTML", "txt": "TXT", "md": "MD", "doc": "DOC", "docx": "DOCX", "pptx": "PPTX", "rtf": "RTF", "zip": "ZIP",
	"gz": "GZIP", "tgz": "GZIP", "7z": "7Z", "rar": "RAR", "jpg": "JPG", "jpeg": "JPG", "png": "PNG", "tif": "TIFF", "tiff": "TIFF",
	"svg": "SVG", "dbf": "DBF", "mdb": "MDB", "accdb": "MDB", "nc": "NETCDF", "h5": "HDF5", "sav": "SPSS", "dta": "STATA", "ics": "ICS",
}

// canonical holds every canonical name.
var canonical = canonicalNames() // read only

func canonicalNames() map[string]bool {
	names := map[string]bool{"API": true, "WMS": true, "WFS": true, "WCS": true, "WMTS": true, "SPARQL": true, "ODATA": true}
	for _, table := range []map[string]string{formatNames, mediaTypes, extensions} {
		for _, name := range table {
			if name != "" {
				names[name] = true
			}
		}
	}
	return names
}

// named returns the canonical name of what a publisher wrote as a format: a name, a
// media type, an extension, or an IRI of a vocabulary. known is false for what
// no table has.
func named(s string) (name string, known bool) {
	s = strings.TrimSpace(s)
	if strings.Contains(s, "://") {
		if media := ianaType(s); media != "" {
			s = media
		} else {
			s = lastSegment(s)
		}
	}
	low := strings.TrimLeft(strings.ReplaceAll(foldKey(s), "_", " "), "*.")
	if low == "" {
		return "", true
	}
	if up := strings.ToUpper(low); canonical[up] {
		return up, true
	}
	for _, key := range []string{low, strings.TrimSuffix(strings.TrimPrefix(low, "formato "), " file")} {
		if name, ok := formatNames[key]; ok {
			return name, true
		}
	}
	if name, ok := mediaTypes[bareType(low)]; ok {
		return name, true
	}
	if name, ok := extensions[low]; ok {
		return name, true
	}
	return "", false
}

// ianaType returns the media type that an address of IANA's register names.
func ianaType(s string) string {
	if _, media, ok := strings.Cut(s, "/assignments/media-types/"); ok {
		return media
	}
	return ""
}

func bareType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.TrimSpace(s)
}

// ending returns the format that an address ends in, "" when it tells none.
func ending(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	ext := strings.ToLower(strings.TrimPrefix(path.Ext(strings.TrimRight(u.Path, "/")), "."))
	return extensions[ext]
}

// format decides what a resource is, from the format and media type that were
// stated and the address. Where the address ends in something else than what was
// stated, the address is right: that is what a reader will get. Archives, pages and
// plain containers are the exception, since they say nothing of what is in them.
func (r *report) format(prefix, stated, media string, res *Resource) {
	name, known := named(stated)
	mediaName := r.mediaType(prefix+"mediaType", media, res)
	if name == "" && !known {
		name = mediaName
		if name == "" {
			name = strangeFormat(stated)
		}
	}
	if name == "" {
		name = mediaName
	}
	end := ending(res.DownloadURL)
	if end == "" && res.DownloadURL == "" && res.AccessURL != "" && name == "" {
		end = ending(res.AccessURL)
	}
	switch {
	case name == "":
		name = end
	case end == "" || end == name || compatible(name, end):
	case refines(name, end):
		name = end
	default:
		r.add(FormatMismatch, prefix+"format", name+" → "+end, true)
		name = end
	}
	res.Format = name
}

// compatible reports whether an address with one ending may rightly hold another
// format.
func compatible(stated, end string) bool {
	switch end {
	case "ZIP", "GZIP", "7Z", "RAR", "HTML":
		return true
	case "XML":
		return stated == "RDF" || stated == "KML" || stated == "GML" || stated == "RSS" || stated == "ATOM" || stated == "API" || stated == "WMS" || stated == "WFS"
	case "JSON":
		return stated == "GEOJSON" || stated == "TOPOJSON" || stated == "JSON-LD" || stated == "JSONL" || stated == "API"
	case "TXT":
		return stated == "CSV" || stated == "TSV" || stated == "JSON" || stated == "JSONL"
	case "TIFF":
		return stated == "GEOTIFF"
	case "CSV":
		return stated == "TSV" || stated == "API"
	case "DBF":
		return stated == "SHP"
	}
	return stated == "API"
}

// refines reports whether an ending only says more exactly what was stated: "Excel"
// may be either, and GeoJSON is JSON.
func refines(stated, end string) bool {
	switch stated {
	case "XLS", "XLSX":
		return end == "XLS" || end == "XLSX"
	case "DOC", "DOCX":
		return end == "DOC" || end == "DOCX"
	case "TXT":
		return end == "CSV" || end == "TSV" || end == "MD"
	case "JSON":
		return end == "GEOJSON" || end == "TOPOJSON" || end == "JSON-LD" || end == "JSONL"
	case "XML":
		return end == "KML" || end == "GML" || end == "RDF"
	}
	return false
}

// strangeFormat keeps a short name that no table has, in capitals.
func strangeFormat(s string) string {
	s = strings.ToUpper(strings.TrimLeft(strings.TrimSpace(s), "."))
	if len(s) > 12 || strings.ContainsAny(s, " /:,;<>&\"'") || !printable(s) {
		return ""
	}
	return s
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != ""
}

// mediaType stores the media type and returns the format it names. A bare "csv" in
// its place becomes a media type when exactly that is meant.
func (r *report) mediaType(field, s string, res *Resource) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if iana := ianaType(s); iana != "" {
		s = iana
	}
	media := strings.ToLower(bareType(s))
	if name, ok := mediaTypes[media]; ok {
		res.MediaType = media
		return name
	}
	if t, _, err := mime.ParseMediaType(s); err == nil && strings.Count(t, "/") == 1 && len(t) <= 127 {
		res.MediaType = t
		name, _ := named(t[strings.IndexByte(t, '/')+1:])
		return name
	}
	name, _ := named(s)
	if name == "" {
		name = strangeFormat(s)
		if !canonical[name] {
			name = ""
		}
	}
	res.MediaType = mediaTypeOf[name]
	r.add(MediaTypeFormat, field, s, res.MediaType != "")
	return name
}

// mediaTypeOf is the registered media type of the formats that people name by
// their bare name.
var mediaTypeOf = map[string]string{
	"CSV": "text/csv", "TSV": "text/tab-separated-values", "JSON": "application/json", "GEOJSON": "application/geo+json",
	"XLSX": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "XLS": "application/vnd.ms-excel",
	"ODS": "application/vnd.oasis.opendocument.spreadsheet", "XML": "application/xml", "KML": "application/vnd.google-earth.kml+xml",
	"KMZ": "application/vnd.google-earth.kmz", "PDF": "application/pdf", "HTML": "text/html", "TXT": "text/plain",
	"ZIP": "application/zip", "PARQUET": "application/vnd.apache.parquet", "GPKG": "application/geopackage+sqlite3",
	"JPG": "image/jpeg", "PNG": "image/png", "RDF": "application/rdf+xml", "TURTLE": "text/turtle", "JSON-LD": "application/ld+json",
}

// size repairs a number of bytes; "1.2 MB" is read with 1,024 bytes to the
// kilobyte. It is -1 when unknown.
func (r *report) size(field, s string) int64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return -1
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n >= 0 {
		return n
	}
	n, ok := int64(-1), false
	if len(s) <= wire.MaxCut {
		n, ok = sizeInWords(s)
	}
	if !ok {
		r.add(SizeInvalid, field, s, false)
		return -1
	}
	if f, err := strconv.ParseFloat(s, 64); err != nil || f != float64(n) { // "1024.0" is a number
		r.add(SizeText, field, s, true)
	}
	return n
}

// sizeInWords reads "1.2 MB", "1,048,576", "350 kb" and "12,5 MB".
func sizeInWords(s string) (int64, bool) {
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	unit := strings.TrimLeft(s, "0123456789.,")
	number := s[:len(s)-len(unit)]
	scale := map[string]float64{
		"": 1, "b": 1, "byte": 1, "bytes": 1, "k": 1 << 10, "kb": 1 << 10, "kib": 1 << 10, "m": 1 << 20, "mb": 1 << 20,
		"mib": 1 << 20, "g": 1 << 30, "gb": 1 << 30, "gib": 1 << 30, "tb": 1 << 40, "tib": 1 << 40,
	}[unit]
	switch commas := strings.Count(number, ","); {
	case commas == 1 && !strings.Contains(number, ".") && len(number)-strings.IndexByte(number, ',') != 4:
		number = strings.Replace(number, ",", ".", 1) // a decimal comma
	default:
		number = strings.ReplaceAll(number, ",", "")
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || scale == 0 || f < 0 || f*scale > 1<<60 {
		return -1, false
	}
	return int64(f * scale), true
}

// checksum repairs a digest: the algorithm is told from the stated name, from a
// prefix ("sha256:…") or from the length.
func (r *report) checksum(field, algorithm, digest string, res *Resource) {
	digest = strings.ToLower(strings.TrimSpace(digest))
	if before, after, ok := strings.Cut(digest, ":"); ok {
		algorithm, digest = before, after
	}
	if digest == "" || digest == "none" || digest == "null" {
		return
	}
	byLength := map[int]string{32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}[len(digest)]
	for i := range len(digest) {
		if !isHex(digest[i]) {
			byLength = ""
		}
	}
	stated := strings.NewReplacer("-", "", "_", "", "checksumalgorithm", "").Replace(strings.ToLower(lastSegment(algorithm)))
	if byLength == "" || stated != "" && stated != byLength {
		r.add(ChecksumInvalid, field, digest, false)
		return
	}
	res.ChecksumAlgorithm, res.ChecksumValue = byLength, digest
}
