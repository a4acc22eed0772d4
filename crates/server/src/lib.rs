//! The backend: records when a tracking image is fetched.
