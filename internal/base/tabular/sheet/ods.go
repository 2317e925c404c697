package sheet

import (
	"context"

	"plaza/internal/base/tabular"
)

// ODS is
func ODS(ctx context.Context, f tabular.File) ([]*tabular.Source, error) { return nil, nil }
