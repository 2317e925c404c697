package follow

import (
	"fmt"

	"plaza/internal/base/db"
	"plaza/internal/plaza"
)

// Crowd makes n people who are nobody follow a thing in the app.
func Crowd(tx *db.Tx, object plaza.Ref, n int) error {
	for i := range n {
		if _, err := put(tx, fmt.Sprintf("00000000-0000-7000-8000-%012d", i), object, Choice{Often: Now, InApp: true}, true); err != nil {
			return err
		}
	}
	return nil
}

// Sealed is a token of the service for a purpose.
func (s *Service) Sealed(purpose, id string) string { return s.token(purpose, id) }

// Opened returns what a token was made for.
func (s *Service) Opened(token string) (purpose, id string, err error) {
	return s.open(token, toConfirm, toManage, toStopOne, toStopAll)
}
