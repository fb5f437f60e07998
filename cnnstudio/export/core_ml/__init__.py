"""Core ML packages, for iPhone, iPad and Mac; they are converted anywhere and run there only."""
