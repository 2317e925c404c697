// Addresses that the asset tool puts into the scripts: of files whose names have a hash of
// their content.
declare const MAP_WORKER: string;
declare const MAP_STYLES: string;
